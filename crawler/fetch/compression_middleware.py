"""Unpacks bodies, and finds those that were cut short: half a story must not pass for a whole one.

Scrapy itself finds a body that ends before its ``Content-Length``, or without its last chunk.
"""

import re
import zlib
from collections.abc import Callable
from gzip import GzipFile
from io import BytesIO

import brotli
import zstandard
from scrapy import Request
from scrapy.downloadermiddlewares import httpcompression
from scrapy.exceptions import ResponseDataLossError
from scrapy.http import Response

from crawler.fetch.responses import DATA_LOSS, header

FAIL_IF_CUT = "download_fail_on_dataloss"
"""In the ``meta`` of a request; where it is False, what there is of a body is of use."""
_RANGE = re.compile(r"bytes 0-(\d{1,18})/(\d{1,18})")
DAMAGES = (OSError, zlib.error, brotli.error, zstandard.ZstdError)
_CHUNK = 1 << 16
_GZIP_HEADER, _GZIP_TRAILER = 10, 8  # bytes


class CompressionMiddleware(httpcompression.HttpCompressionMiddleware):
    """Scrapy's middleware, which takes whatever there is of a body, with a check that it is all."""

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        """Unpack a body.

        Raises:
            ResponseDataLossError: it was cut short, and only all of it is of use.
        """
        coding = header(response, "Content-Encoding") or ""
        try:
            unpacked = super().process_response(request, response)
        except EOFError:  # not even its beginning is there
            raise ResponseDataLossError from None
        if not (_is_part(response) or _is_cut(response.body, coding, len(unpacked.body))):
            return unpacked
        if request.meta.get(FAIL_IF_CUT, True):
            raise ResponseDataLossError
        return unpacked.replace(flags=[*response.flags, DATA_LOSS])


def _is_part(response: Response) -> bool:
    """Tell whether it is a part of a page, which we never ask for (RFC 9110, 15.3.7)."""
    whole = _RANGE.match(header(response, "Content-Range") or "")
    return response.status == 206 and not (whole and int(whole[1]) + 1 == int(whole[2]))


def _is_cut(body: bytes, coding: str, size: int) -> bool:
    """Tell whether a compressed body, of so many bytes unpacked, ends before its stream does."""
    is_whole = CODINGS.get(coding.strip().lower())
    if is_whole is _gzip_ends and int.from_bytes(body[-4:], "little") == size:  # RFC 1952, ISIZE
        return False  # as nearly always: it need not be unpacked again
    try:
        return bool(body and is_whole and not is_whole(body))
    except DAMAGES:  # in another way, or something else follows
        return False


def _gzip_ends(body: bytes) -> bool:
    try:
        with GzipFile(fileobj=BytesIO(body)) as file:
            while file.read1(_CHUNK):
                pass
    except EOFError:
        # Some servers leave out the checksum at its end, or a part of it.
        stream = zlib.decompressobj(-zlib.MAX_WBITS)
        stream.decompress(body[_GZIP_HEADER:])
        return stream.eof and len(stream.unused_data) < _GZIP_TRAILER
    return True


def _deflate_ends(body: bytes) -> bool:
    stream = zlib.decompressobj()
    try:
        stream.decompress(body)
    except zlib.error:  # without the header that belongs there, as some servers send it
        stream = zlib.decompressobj(-zlib.MAX_WBITS)
        stream.decompress(body)
    return stream.eof


def _brotli_ends(body: bytes) -> bool:
    stream = brotli.Decompressor()
    stream.process(body)
    return bool(stream.is_finished())


def _zstandard_ends(body: bytes) -> bool:
    stream = zstandard.ZstdDecompressor().decompressobj()
    stream.decompress(body)
    return stream.eof


CODINGS: dict[str, Callable[[bytes], bool]] = {
    "gzip": _gzip_ends,
    "x-gzip": _gzip_ends,
    "deflate": _deflate_ends,
    "br": _brotli_ends,
    "zstd": _zstandard_ends,
}
"""How each coding (RFC 9110, 8.4.1) tells that a body is whole."""
