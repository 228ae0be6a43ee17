"""The benchmark of links, on a corpus of our own."""

import gzip
import json
from pathlib import Path

import pytest

from benchmarks.links import main

PAGE = (
    "<nav><a href='/sport'>Sport</a></nav><main><h2>"
    "<a href='/2031/05/02/ferry-to-the-northern-islands-runs-again'>"
    "Ferry to the northern islands runs again</a></h2></main><a href='?page=2'>Older stories</a>"
)


@pytest.fixture
def corpora(tmp_path: Path) -> Path:
    gold = {"id": "harbour", "url": "https://harbour.example/", "encoding": "utf-8"}
    for name in ("listing", "pagination"):
        pages = tmp_path / name / "pages"
        pages.mkdir(parents=True)
        (pages.parent / "gold.jsonl").write_text(json.dumps(gold) + "\n")
        (pages / "harbour.html.gz").write_bytes(gzip.compress(PAGE.encode()))
    return tmp_path


def test_predictions_of_each_corpus(corpora: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written = corpora / "predictions.jsonl"
    assert main([str(corpora), "--predictions", str(written)]) == 0
    story = "https://harbour.example/2031/05/02/ferry-to-the-northern-islands-runs-again"
    assert [json.loads(line) for line in written.read_text().splitlines()] == [
        {"corpus": "listing", "id": "harbour", "links": [story]},
        {"corpus": "pagination", "id": "harbour", "next": ["https://harbour.example/?page=2"]},
    ]
    printed = capsys.readouterr()
    assert "listing (1)" in printed.out
    assert "No score.py" in printed.err


def test_a_folder_without_corpora_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path)]) == 2
    assert "has no corpus" in capsys.readouterr().err
