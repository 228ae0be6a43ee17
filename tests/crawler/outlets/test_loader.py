"""A file that cannot be read costs its own outlet only."""

from pathlib import Path

import pytest
from scrapy.settings import Settings

from crawler.outlets.loader import OutletLoader

PROJECT = Path(__file__).resolve().parents[3]


def test_the_others_are_still_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "outlets_of_a_test"
    package.mkdir()
    (package / "__init__.py").touch()
    good = (PROJECT / "spiders/asianlite.py").read_text()
    (package / "asianlite.py").write_text(good)
    (package / "unfinished.py").write_text("x = (\n")
    (package / "misspelt.py").write_text(good.replace("body=", "bodi="))
    monkeypatch.syspath_prepend(tmp_path)
    loader = OutletLoader(Settings({"SPIDER_MODULES": ["outlets_of_a_test"]}))
    assert loader.list() == ["asianlite"]
    told = "\n".join(sorted(loader.broken))
    assert "outlets_of_a_test/unfinished.py cannot be read (line 1): '(' was never closed" in told
    assert "outlets_of_a_test/misspelt.py cannot be read (line " in told
    assert "bodi" in told
