"""The quality benchmark and ``dateline extract --corpus``, over a small corpus of our own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks.quality.__main__ import main
from benchmarks.quality.sentences import compare, sentences
from crawler.reparse.corpus import saved_pages
from scripts.main import app
from tests.quality.pages import Sample, samples, write_corpus

SCORER = """
def page_scores(corpus, gold, prediction):
    return {"title": float(gold["title"] == prediction.get("title"))}

def corpus_scores(corpus, pages):
    return {"title": sum(page["title"] for page in pages.values()) / len(pages)}
"""  # Has the two functions of the corpora's scorer that the benchmark calls.


@pytest.fixture(scope="module")
def few() -> list[Sample]:
    return [sample for sample in samples() if sample.id in ("classic-1", "ar", "zh")]


@pytest.fixture
def corpora(tmp_path: Path, few: list[Sample]) -> Path:
    """A folder of two corpora; in the second one page has no file and one no address."""
    for name in ("first", "second"):
        write_corpus(tmp_path / name, few)
    gold = tmp_path / "second" / "gold.jsonl"
    lines = [json.loads(line) for line in gold.read_text().splitlines()]
    lines[0]["url"] = None
    gold.write_text("\n".join(map(json.dumps, lines)) + "\n")
    (tmp_path / "second" / "pages" / f"{lines[1]['id']}.html.gz").unlink()
    return tmp_path


def test_every_page_is_predicted_in_order(corpora: Path, few: list[Sample]) -> None:
    done = CliRunner().invoke(app, ["extract", "--corpus", str(corpora)])
    assert done.exit_code == 0, done.output
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(line["corpus"], line["id"]) for line in lines] == [
        (name, sample.id) for name in ("first", "second") for sample in few
    ]
    assert [line["title"] for line in lines[:4]] == [sample.title for sample in [*few, few[0]]]
    assert lines[0].keys() == {"corpus", "id", "text", "title", "authors", "date"}
    assert lines[0]["date"] == few[0].date
    assert [lines[4][name] for name in ("text", "title", "authors", "date")] == [None] * 4
    assert f"second/{few[1].id}: FileNotFoundError" in done.stderr
    assert lines[5]["title"] == few[2].title


def test_a_folder_without_gold_is_refused(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "scripts.main", "extract", "--corpus", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "is not a corpus" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_page_and_a_folder_exclude_each_other(corpora: Path) -> None:
    page = next((corpora / "first" / "pages").iterdir())
    done = CliRunner().invoke(app, ["extract", str(page), "--corpus", str(corpora)])
    assert done.exit_code != 0


def test_the_benchmark_measures(
    corpora: Path, few: list[Sample], capsys: pytest.CaptureFixture[str]
) -> None:
    (corpora / "score.py").write_text(SCORER)
    assert main([str(corpora), "--no-peers", "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert (first["corpus"], first["system"], first["pages"]) == ("first", "dateline", len(few))
    assert first["scores"] == {"title": 1.0}
    assert first["failures"] == {}
    assert first["measures"]["sentences lost"] == 0
    assert first["measures"]["memory MB, peak"] > 10
    assert first["measures"]["CPU ms, mean"] > 0
    assert list(second["failures"]) == [few[1].id]
    assert second["scores"]["title"] == pytest.approx(2 / 3)
    assert second["measures"]["sentences lost"] > 0.1


def test_the_benchmark_shows_the_worst(
    corpora: Path, few: list[Sample], capsys: pytest.CaptureFixture[str]
) -> None:
    (corpora / "score.py").write_text(SCORER)
    options = ["--corpus", "second", "--worst", "1", "--no-peers"]
    assert main([str(corpora), *options]) == 0
    out = capsys.readouterr().out
    assert "second (3 pages)" in out
    assert "first" not in out
    worst = out[out.index("worst pages") :]
    assert few[1].id in worst
    assert "failed: FileNotFoundError" in worst
    assert few[1].text[:80] in worst
    assert few[2].title not in worst


def test_without_a_scorer_our_own_measures_remain(
    corpora: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(corpora / "first"), "--no-peers"]) == 0
    out, err = capsys.readouterr()
    assert "sentences leaked" in out
    assert "No score.py" in err


def test_without_pages_nothing_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("benchmarks.quality.__main__.CORPORA", tmp_path / "nowhere")
    assert main([]) == 0
    assert "Not measured" in capsys.readouterr().out
    assert main([str(tmp_path)]) == 2


def test_a_page_is_read_with_what_its_corpus_knows(corpora: Path, few: list[Sample]) -> None:
    pages = [saved.page() for saved in saved_pages(corpora / "first")]
    assert [page.url for page in pages] == [sample.url for sample in few]
    assert [page.body.decode() for page in pages] == [sample.markup for sample in few]
    assert {page.fetched.isoformat() for page in pages} == {few[0].fetched_at}
    assert next(saved_pages(corpora / "second")).page().url.startswith("https://")


def test_sentences_are_lost_and_leaked() -> None:
    gold = "The port is open. “Ships sail again,” she said.\n\nNobody was hurt in the storm."
    compared = compare(gold, "THE PORT is open!\n\nNobody was hurt\nSubscribe to our newsletter.")
    assert compared.lost == ["“Ships sail again,” she said.", "Nobody was hurt in the storm."]
    assert compared.leaked == ["Subscribe to our newsletter."]
    assert (compared.gold, compared.text) == (3, 3)


def test_sentences_end_in_every_script() -> None:
    assert len(sentences("青岭镇老茶厂上周重新开门迎客了。工坊开放的第一个周末来了四百多人！")) == 2
    assert len(sentences("هل تعود الحافلة إلى القرية غدا؟ نعم تعود في الصباح الباكر.")) == 2
