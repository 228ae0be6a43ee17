"""Bodies that were cut short, and those that merely look so."""

import gzip
import zlib

import brotli
import pytest
import zstandard
from scrapy import Request
from scrapy.exceptions import ResponseDataLossError
from scrapy.http import Response
from scrapy.utils.test import get_crawler

from crawler.fetch.compression_middleware import FAIL_IF_CUT, CompressionMiddleware
from crawler.fetch.responses import DATA_LOSS

URL = "https://news.example/a"
TEXT = b"".join(b"<p>Sentence %d of the story.</p>" % number for number in range(2000))
RAW = zlib.compressobj(wbits=-15)
PACKED = {
    "gzip": gzip.compress(TEXT),
    "x-gzip": gzip.compress(TEXT[:9000]) + gzip.compress(TEXT[9000:]),
    "deflate": zlib.compress(TEXT),
    "Deflate": RAW.compress(TEXT) + RAW.flush(),
    "br": brotli.compress(TEXT),
    "zstd": zstandard.compress(TEXT),
}


def unpack(
    body: bytes, coding: str = "", status: int = 200, part: str = "", fails: bool = True
) -> bytes:
    """What comes out of the middleware; the flag, if there is one, stands before it."""
    headers = {"Content-Encoding": coding, "Content-Range": part, "Content-Type": "text/html"}
    response = Response(URL, status, {k: v for k, v in headers.items() if v}, body)
    middleware = CompressionMiddleware.from_crawler(get_crawler())
    found = middleware.process_response(Request(URL, meta={FAIL_IF_CUT: fails}), response)
    assert isinstance(found, Response)
    return b"".join(map(str.encode, found.flags)) + found.body


@pytest.mark.parametrize("coding", PACKED)
@pytest.mark.parametrize("left", [0.2, 0.5, 0.98])
def test_a_body_that_ends_early(coding: str, left: float) -> None:
    body = PACKED[coding]
    assert unpack(body, coding) == TEXT
    with pytest.raises(ResponseDataLossError):
        unpack(body[: int(len(body) * left)], coding)
    rest = unpack(body[: int(len(body) * left)], coding, fails=False)
    assert rest.startswith(DATA_LOSS.encode())
    assert TEXT.startswith(rest.removeprefix(DATA_LOSS.encode()))


@pytest.mark.parametrize("cut", [1, 4, 8])
def test_a_missing_checksum_is_no_missing_text(cut: int) -> None:
    assert unpack(PACKED["gzip"][:-cut], "gzip") == TEXT


@pytest.mark.parametrize("more", [b"\0" * 9, b"\r\n", b"<!-- served by 7 -->"])
def test_what_follows_the_text_is_no_part_of_it(more: bytes) -> None:
    assert unpack(PACKED["gzip"] + more, "gzip") == TEXT


def test_not_even_a_beginning() -> None:
    with pytest.raises(ResponseDataLossError):
        unpack(PACKED["gzip"][:9], "gzip")
    assert unpack(b"", "gzip") == b""


@pytest.mark.parametrize(
    ("part", "is_whole"),
    [
        ("", False),
        ("bytes 0-999/2000", False),
        ("bytes 0-999/*", False),
        ("bytes 5-999/1000", False),
        ("bytes 0-999/1000", True),
    ],
)
def test_a_part_that_nobody_asked_for(part: str, is_whole: bool) -> None:
    if is_whole:
        assert unpack(TEXT, status=206, part=part) == TEXT
    else:
        with pytest.raises(ResponseDataLossError):
            unpack(TEXT, status=206, part=part)


def test_many_small_parts_cost_little() -> None:
    """Each of them would be copied by a reader that takes them off the front."""
    members = gzip.compress(b"") * 50_000
    assert unpack(members + PACKED["gzip"], "gzip") == TEXT
