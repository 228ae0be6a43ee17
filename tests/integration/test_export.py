"""Stored pages as a WARC file, read by warcio."""

import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from crawler.errors import ExitCode
from tests.desk import PROJECT, Desk

DECLARED = {"SCRAPY_SETTINGS_MODULE": "tests.declared_settings"}
Record = tuple[str, dict[str, str], bytes]


def records(path: Path) -> list[Record]:
    """Type, header fields and content of every record, its digests checked."""
    with path.open("rb") as file:
        return [
            (record.rec_type, dict(record.rec_headers.headers), record.content_stream().read())
            for record in ArchiveIterator(file, check_digests="raise")
        ]


@pytest.mark.parametrize(
    ("outlet", "kind"), [("changing", "resource"), ("changing_posts", "conversion")]
)
def test_warcio_reads_every_page(desk: Desk, tmp_path: Path, outlet: str, kind: str) -> None:
    assert desk.crawl(outlet, **DECLARED).code == 0
    path = tmp_path / "out" / "pages.warc.gz"
    words = ("export", "--format", "warc", "--output", str(path))
    assert "cannot be written" in desk.dateline(*words, **DECLARED).err
    path.parent.mkdir()
    told = desk.dateline(*words, **DECLARED)
    assert (told.code, told.out, told.err) == (0, "", "")
    assert list(path.parent.iterdir()) == [path]

    (first, info, text), *pages = records(path)
    assert first == "warcinfo"
    assert b"WARC File Format 1.1" in text
    stored: dict[str, Any] = {page["_id"]: page for page in desk.database.pages.find()}
    assert len(pages) == len(stored) > 5
    assert any(page["dictionary"] for page in stored.values())
    dates = [fields["WARC-Date"] for _, fields, _ in pages]
    assert dates == sorted(dates)
    for record_type, fields, body in pages:
        page = stored.pop(sha256(body).hexdigest())
        assert record_type == kind
        assert page["size"] == len(body)
        assert fields["WARC-Target-URI"] == page["url"]
        assert fields["WARC-Date"] == f"{page['fetched']:%Y-%m-%dT%H:%M:%SZ}"
        assert fields["Content-Type"] == f"text/html; charset={page['charset']}"
        assert fields["WARC-Warcinfo-ID"] == info["WARC-Record-ID"]
    assert path.read_bytes()[:2] == b"\x1f\x8b"

    none = desk.dateline(*words, "--since", "2999-01-01", "--outlet", outlet, **DECLARED)
    assert none.code == 0
    assert [kind for kind, _, _ in records(path)] == ["warcinfo"]


def test_articles_go_into_a_file_as_to_standard_output(desk: Desk, tmp_path: Path) -> None:
    assert desk.crawl("national_times", "-a", "limit=5").code == 0
    path = tmp_path / "articles.jsonl"
    assert desk.dateline("export", "--output", str(path)).code == 0
    assert path.read_text() == desk.dateline("export").out
    assert len(path.read_text().splitlines()) == len(desk.articles())


def test_a_full_disk_is_told(desk: Desk) -> None:
    assert desk.crawl("changing", **DECLARED).code == 0
    for form in ("jsonl", "warc"):
        with Path("/dev/full").open("wb") as full:
            told = subprocess.run(
                [sys.executable, "-m", "scripts.main", "export", "--format", form],
                cwd=PROJECT,
                env=desk._environment,
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
        assert told.returncode == 1
        assert told.stderr == "dateline: The export cannot be written (No space left on device).\n"


def test_a_damaged_page_is_named(desk: Desk, tmp_path: Path) -> None:
    assert desk.crawl("changing", **DECLARED).code == 0
    page = desk.database.pages.find_one_and_update({}, {"$set": {"zstd": b"damaged"}})
    path = tmp_path / "out" / "pages.warc.gz"
    path.parent.mkdir()
    words = ("export", "--format", "warc", "--output", str(path))
    told = desk.dateline(*words, **DECLARED)
    assert told.code == ExitCode.STORE
    assert list(path.parent.iterdir()) == []
    assert told.err.startswith(f"dateline: The page of {page['url']} cannot be read (")
    assert told.err.endswith("restore a backup.\n")
