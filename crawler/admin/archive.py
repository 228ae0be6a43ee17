"""The file of a backup: documents as the server keeps them, byte for byte, compressed.

It is one Zstandard frame, and behind it a skippable frame (RFC 8878, 3.1.2) that holds the SHA-256
of all before it; so ``zstd -d`` reads it, too. The stream in it is BSON: a document that tells of
the backup; for each collection one with its name, its documents, four zero bytes, and one with
their number and SHA-256; at last four zero bytes more.
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
class Content:
    """What a collection holds."""

    count: int = 0
    digest: Any = field(default_factory=sha256)

    def add(self, documents: bytes) -> None:
        """Take in documents that follow each other in BSON."""
        self.digest.update(documents)
        place = 0
        while place < len(documents):
            place += int.from_bytes(documents[place : place + 4], "little")
            self.count += 1

    def told(self) -> dict[str, Any]:
        """The number of documents and their SHA-256."""
        return {"count": self.count, "sha256": self.digest.hexdigest()}


class Writer:
    """Writes a backup to `file`; it is none before `close`."""

    def __init__(self, file: BinaryIO, head: dict[str, Any]) -> None:
        self._file = file
        self._hash = sha256()
        self._compressor = zstandard.ZstdCompressor(level=3, write_checksum=True).compressobj()
        self._content = Content()
        self.write(bson.encode({"format": FORMAT, **head}))

    def begin(self, collection: str) -> None:
        """Begin a collection."""
        self._content = Content()
        self.write(bson.encode({"collection": collection}))

    def add(self, documents: bytes) -> int:
        """Add documents that follow each other in BSON; tell how many the collection has now."""
        self._content.add(documents)
        self.write(documents)
        return self._content.count

    def end(self) -> None:
        """End a collection."""
        self.write(END + bson.encode(self._content.told()))

    def close(self) -> None:
        """End the backup."""
        self.write(END)
        self._put(self._compressor.flush())
        self._file.write(_FOOTER.pack(_SKIPPABLE, 32, self._hash.digest()))

    def write(self, data: bytes) -> None:
        """Compress bytes into the file."""
        self._put(self._compressor.compress(data))

    def _put(self, data: bytes) -> None:
        self._hash.update(data)
        self._file.write(data)


class Reader:
    """Reads a backup in the order in which it was written."""

    def __init__(self, file: BinaryIO) -> None:
        self._stream = zstandard.ZstdDecompressor().stream_reader(file)
        self.head = bson.decode(self._next() or b"")
        self.told: dict[str, Any] = {}
        """Number and SHA-256 of the documents of the collection read last, as the backup tells."""

    def collections(self) -> Iterator[str]:
        """The name of each collection; its `documents` are to be read before the next."""
        while head := self._next():
            yield bson.decode(head)["collection"]

    def documents(self) -> Iterator[bytes]:
        """The documents of a collection."""
        while document := self._next():
            yield document
        self.told = bson.decode(self._next() or b"")

    def _next(self) -> bytes | None:
        head = self._read(4)
        return None if head == END else head + self._read(int.from_bytes(head, "little") - 4)

    def _read(self, size: int) -> bytes:
        parts = []
        while size and (part := self._stream.read(size)):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)


@contextmanager
def reading(path: Path) -> Iterator[Reader]:
    """A backup, of which all was verified before anything of it is used.

    Raises:
        DatelineError: it cannot be read, is damaged, cut short, or no backup.
    """
    try:
        with path.open("rb") as file:
            if not _is_whole(file, path.stat().st_size - _FOOTER.size):
                raise DatelineError(
                    f"{path} is no backup, or damaged or cut short: nothing of it was restored."
                )
            file.seek(0)
            reader = Reader(file)
            if reader.head.get("format") != FORMAT:
                raise DatelineError(f"{path} is a backup of another version of Dateline.")
            yield reader
    except OSError as error:
        raise DatelineError(f"{path} cannot be read ({error.strerror}).") from error


def _is_whole(file: BinaryIO, size: int) -> bool:
    """Whether the footer behind `size` bytes has their SHA-256."""
    digest = sha256()
    while size > 0 and (block := file.read(min(BLOCK, size))):
        digest.update(block)
        size -= len(block)
    return file.read() == _FOOTER.pack(_SKIPPABLE, 32, digest.digest())
