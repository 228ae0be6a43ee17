"""The real parts tests run against: a mongod, a newsworld, and a desk between them."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import sync_playwright

from crawler.mongod import embedded
from newsworld.client import Client, running
from tests.desk import Desk

# Also of what tests start: reading the settings, Scrapy sets it where it is not.
os.environ["SCRAPY_SETTINGS_MODULE"] = "settings.test"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak", action="store_true", help="run the long forms of the proofs")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A few kills and outages in every run of the suite, many in a soak."""
    for name, count in {"kill_seed": 20, "failover_seed": 12}.items():
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, range(count if metafunc.config.getoption("soak") else 1))


@pytest.fixture(scope="session")
def mongodb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real mongod of this test session's own."""
    data = tmp_path_factory.mktemp("data")
    with embedded.connect(data) as lease:
        yield lease.uri
    embedded.stop(data)


@pytest.fixture(scope="session")
def _newsworld() -> Iterator[Client]:
    with running() as world:
        yield world


@pytest.fixture
def world(_newsworld: Client) -> Iterator[Client]:
    """A newsworld with an empty log that behaves itself."""
    _newsworld.clear_log()
    yield _newsworld
    _newsworld.faults([])
    _newsworld.prompts([])
    _newsworld.breakages([])


@pytest.fixture
def press(request: pytest.FixtureRequest) -> Iterator[Client]:
    """Newsworld with its press of twenty papers, an hour behind the clock on the wall.

    What Dateline remembers of sources is by that clock, and their stories come out after it.
    """
    now = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    stories, days = (500, 60) if request.config.getoption("soak") else (40, 14)
    with running(press=20, press_stories=stories, days=days, per_day=1, now=now) as world:
        yield world


@pytest.fixture
def desk(mongodb: str, world: Client, tmp_path: Path) -> Iterator[Desk]:
    """An empty database of its own, and crawls of newsworld into it."""
    desk = Desk(mongodb, f"test_{uuid4().hex}", world.url, tmp_path)
    yield desk
    desk.database.client.drop_database(desk.database.name)
    desk.database.client.close()


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a real Chromium: the system's, or one that Playwright has fetched."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    if Path(own).exists():
        return own
    pytest.skip("no Chromium on this machine, and `make test` could not install one")
