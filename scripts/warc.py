"""Stored pages as a WARC 1.1 file (ISO 28500:2017), each record compressed by itself."""

from datetime import UTC
from importlib.metadata import version
from io import BytesIO
from typing import BinaryIO

from warcio.warcwriter import WARCWriter

from crawler.store.pages import PageFile

SPECIFICATION = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"


class WarcWriter:
    """Writes pages to a WARC file.

    A page is a ``resource``: of its response only the body is kept, and a ``response`` would need a
    status and header fields that would have to be invented. A page that was put together from what
    its source delivered is a ``conversion``: nobody sent it in this form.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._writer = WARCWriter(file, gzip=True, warc_version="WARC/1.1")
        fields = {
            "software": f"dateline/{version('dateline')}",
            "format": "WARC File Format 1.1",
            "conformsTo": SPECIFICATION,
        }
        info = self._writer.create_warcinfo_record(None, fields)
        self._info = info.rec_headers.get_header("WARC-Record-ID")
        self._writer.write_record(info)

    def add(self, page: PageFile) -> None:
        """Add a page; its SHA-256 in the store is in the field ``WARC-Payload-Digest``."""
        charset = f"; charset={page.charset}" if page.charset else ""
        record = self._writer.create_warc_record(
            page.url,
            "conversion" if page.is_posted else "resource",
            payload=BytesIO(page.body),
            length=len(page.body),
            warc_content_type=f"text/html{charset}",
            warc_headers_dict={
                "WARC-Date": f"{page.fetched.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
                "WARC-Warcinfo-ID": self._info,
                "WARC-Payload-Digest": f"sha256:{page.digest}",
            },
        )
        self._writer.write_record(record)
