"""An empty database for each test, reached as Dateline reaches it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pymongo import MongoClient

from tests.crawler.store.store import Store


@pytest.fixture
def store(mongodb: str, tmp_path: Path) -> Iterator[Store]:
    """A database with nothing in it."""
    name = f"test_{uuid4().hex}"
    with MongoClient[dict[str, Any]](mongodb, tz_aware=True) as client:
        yield Store(mongodb, name, tmp_path / "data", client[name])
        client.drop_database(name)
