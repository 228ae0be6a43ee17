"""Pictures for the pages: a small gradient, coloured by its address."""

import struct
import zlib
from datetime import UTC, datetime

from newsworld.messages import SiteResponse

_TAKEN = datetime(2020, 1, 1, tzinfo=UTC)


def picture(path: str) -> SiteResponse:
    """Make a PNG of 32 by 18 pixels (PNG specification, sections 5 and 11)."""
    width, height = 32, 18
    seed = zlib.crc32(path.encode())
    red, green, blue = seed & 127, seed >> 8 & 127, seed >> 16 & 127
    rows = b"".join(
        b"\0" + bytes(v for x in range(width) for v in (red + 3 * x, green + 5 * y, blue + 2 * x))
        for y in range(height)
    )
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")
    return SiteResponse(b"\x89PNG\r\n\x1a\n" + chunks, "image/png", modified=_TAKEN)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
