"""The real parts tests run against: a mongod, a newsworld, and a desk between them."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from playwright.sync_api import sync_playwright
from pymongo import MongoClient

from crawler.mongod import embedded
from newsworld.client import Client, running
from tests.desk import Desk
from tests.forked import Server
from tests.prepared import Prepared, new_name

pytest_plugins = ["tests.assertions"]

# Also of what tests start: reading the settings, Scrapy sets it where it is not.
os.environ["SCRAPY_SETTINGS_MODULE"] = "settings.test"

# Hypothesis measures by the wall clock: a busy machine would fail what is quick. Tests of speed
# measure processor time.
settings.register_profile("any load", deadline=None)
settings.load_profile("any load")


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
    stories, days = (500, 60) if request.config.getoption("soak") else (24, 14)
    with running(press=20, press_stories=stories, days=days, per_day=1, now=now) as world:
        yield world


@pytest.fixture(scope="session")
def _prepared(mongodb: str) -> Iterator[Prepared]:
    prepared = Prepared(mongodb)
    yield prepared
    prepared.close()


@pytest.fixture
def database(mongodb: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of an empty database; of one that is not there yet where all is to be fresh."""
    if is_fresh(request):
        yield (name := new_name())
        with MongoClient[dict[str, Any]](mongodb) as client:
            client.drop_database(name)
    else:
        prepared: Prepared = request.getfixturevalue("_prepared")
        yield prepared.name
        prepared.empty()


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A warm process that forks commands."""
    server = Server()
    yield server
    server.close()


@pytest.fixture
def desk(
    mongodb: str, database: str, world: Client, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Desk]:
    """An empty database, and crawls of newsworld into it."""
    server = None if is_fresh(request) else request.getfixturevalue("server")
    desk = Desk(mongodb, database, world.url, tmp_path, server)
    yield desk
    desk.database.client.close()
    if desk.has_started and not is_fresh(request):
        request.getfixturevalue("_prepared").renew()


def is_fresh(request: pytest.FixtureRequest) -> bool:
    """Tell whether the test starts fresh processes only, in a database of its own."""
    return request.node.get_closest_marker("fresh") is not None


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
